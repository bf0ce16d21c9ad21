/**
 * Why a Django project's settings could not be read, in one sentence with the next step. Python's own message is left out,
 * because it may quote a password: only names of modules, variables, classes and places are repeated.
 */
import { resolve } from "node:path";
import { codeOf } from "../../core/errors.ts";
import { findProject, findPython, isProject, nameOf, readManagedSettings } from "./project-folder.ts";
import { quotePath } from "./quote-path.ts";

/** What was tried. */
interface Attempt {
  /** The settings module, `mysite.settings`. */
  module: string;
  /** Where the command was run. */
  directory: string;
  /** The interpreter. */
  python: string;
}

/** What Python wrote before it failed, from the end; empty when there is nothing. It may hold secrets. */
export function complaintOf(error: unknown): string {
  return String(Reflect.get(Object(error), "stderr") ?? "").slice(-MAX_COMPLAINT);
}
const MAX_COMPLAINT = 20_000;

/** The sentence for an error of `execFile`, or of parsing what it printed. */
export function explainFailure(error: unknown, attempt: Attempt): string {
  const { python } = attempt;
  const code = codeOf(error);
  const hint = pythonHint(attempt);
  if (error instanceof SyntaxError) return `${python} printed something other than the settings. ${hint}`;
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
    return `the settings ${sayModule(attempt)} print too much. ${WITHOUT_PYTHON}`;
  if (code === "ENOENT") return `there is no program ${python}. ${hint}`;
  if (/^E[A-Z]+$/.test(code)) return `${python} cannot be started (${code}). ${hint}`;
  if (Reflect.get(Object(error), "killed") === true)
    return `the settings ${sayModule(attempt)} took longer than 30 seconds. ${WITHOUT_PYTHON}`;
  const raised = readTraceback(complaintOf(error));
  if (raised !== null) return explainException(raised, attempt);
  return `${python} ended with ${endOf(error)} before it printed the settings. ${hint} --verbose shows what it said.`;
}

const WITHOUT_PYTHON = "Pass --database and set DJANGO_SECRET_KEY instead of --settings.";

/** The exception that ended Python. */
interface Raised {
  /** Its class, `KeyError`. */
  name: string;
  /** All that it says. */
  line: string;
  /** The last line of the project's own code, `/site/mysite/settings.py:12`. */
  place: string | null;
  /** Whether `os.environ` raised it. */
  isFromEnvironment: boolean;
}

function explainException(raised: Raised, attempt: Attempt): string {
  const { name, line, place, isFromEnvironment } = raised;
  const where = place === null ? "" : ` (${place})`;
  const missing = MISSING.exec(line)?.[1];
  if (missing !== undefined) return explainMissing(missing, where, attempt);
  const variable = isFromEnvironment ? VARIABLE.exec(line)?.[1] : undefined;
  if (variable !== undefined)
    return `the settings need the environment variable ${variable}${where}. Set it, as for manage.py runserver.`;
  if (NO_SECRET.test(line))
    return `the settings ${sayModule(attempt)} have no SECRET_KEY. Set it as for manage.py runserver, or pass another --settings.`;
  return `the settings ${sayModule(attempt)} raised ${name}${where}. Correct that; --verbose shows all that Python said.`;
}

const MISSING = /^(?:ModuleNotFoundError|ImportError): No module named '?([\w.]{1,100})'?$/;
const VARIABLE = /^KeyError: '([A-Z]{2,20}(?:_[A-Z]{1,20}){1,4})'$/;
const NO_SECRET =
  /^django\.core\.exceptions\.ImproperlyConfigured: The SECRET_KEY setting must not be empty\.?$/;

/** A module that was not found: Django, the settings themselves, a module of the project, or a package. */
function explainMissing(missing: string, where: string, attempt: Attempt): string {
  const { module, python } = attempt;
  if (missing === "django")
    return `${python} has no Django. ${pythonHint(attempt, `Run ${quotePath(python)} -m pip install django.`)}`;
  if (module === missing || module.startsWith(`${missing}.`)) return explainFolder(attempt);
  const isOwn = missing.split(".", 1)[0] === module.split(".", 1)[0];
  if (isOwn)
    return `the settings import ${missing}${where}, which is not there. Add it, or pass another --settings.`;
  return `the settings import ${missing}${where}, which ${python} does not have. ${pythonHint(attempt, "Install the project's requirements there.")}`;
}

/** The settings module is not here: this may be the wrong folder, or the wrong name. */
function explainFolder({ module, directory }: Attempt): string {
  const here = `there is no module ${module} in the folder ${nameOf(directory)}`;
  const managed = readManagedSettings(directory);
  if (managed !== null && managed !== module)
    return `${here}. manage.py names ${managed}: pass --settings ${managed}.`;
  if (isProject(directory))
    return `${here}. Pass --settings with the module that the project uses, such as mysite.settings.`;
  const project = findProject(directory);
  if (project !== null)
    return `${here}, and no manage.py. Run this in the project's folder: cd ${quotePath(project)}`;
  return `${here}, and no manage.py. Run this in the folder that holds the project's manage.py.`;
}

/** Which Python to take. @param ifRight what to do instead when it was the project's already */
function pythonHint({ directory, python }: Attempt, ifRight = ACTIVATE): string {
  const found = findPython(directory);
  if (found !== null && resolve(directory, found) === resolve(directory, python)) return ifRight;
  return found === null ? ACTIVATE : `Pass --python ${quotePath(found)}.`;
}
const ACTIVATE = "Activate the project's virtual environment, or pass its Python: --python PATH.";

function sayModule({ module }: Attempt): string {
  return JSON.stringify(module);
}

function endOf(error: unknown): string {
  const signal: unknown = Reflect.get(Object(error), "signal");
  return typeof signal === "string" ? `the signal ${signal}` : `code ${Number(codeOf(error))}`;
}

/** The exception in a traceback, and the last place outside Django and Python; null if there is no traceback. */
function readTraceback(complaint: string): Raised | null {
  const lines = complaint.split(/\r?\n/);
  const last = lines.findLastIndex((line) => FRAME.test(line));
  const line = lines.slice(last + 1).find((one) => /^\S/.test(one)) ?? "";
  const name = /^[A-Za-z_][\w.]{0,100}(?=:|$)/.exec(line)?.[0];
  if (last === -1 || name === undefined) return null;
  const isFromEnvironment = ENVIRONMENT.test(lines[last] ?? "");
  const place = lines
    .slice(0, isFromEnvironment ? last : last + 1)
    .flatMap((one) => FRAME.exec(one)?.slice(1, 3).join(":") ?? [])
    .findLast((one) => !/^<|[\\/][Ll]ib[\\/]python|site-packages|dist-packages/.test(one));
  return { name, line, place: place ?? null, isFromEnvironment };
}
/** `os.environ[…]`: the frame is in Python's `os.py`, which newer versions call `<frozen os>`. */
const ENVIRONMENT = /^ {2}File "(?:<frozen os>|[^"]*[\\/]os\.py)", line \d+, in __getitem__$/;
const FRAME = /^ {2}File "([^"]{1,300})", line (\d{1,9})/;
