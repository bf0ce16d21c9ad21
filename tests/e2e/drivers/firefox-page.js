/**
 * Runs inside a document, in a separate sandbox, after `@testing-library/dom`: finds the elements that a scenario names.
 *
 * `target` is a `Target` of `driver.ts`; the library handles roles and accessible names, this file the rest.
 */
const { queryAllByRole } = globalThis.TestingLibraryDom;

const collapse = (text) => text.replace(/\s+/g, " ").trim();
const contains = (text, part) => collapse(text).toLowerCase().includes(collapse(part).toLowerCase());

/** The text that a reader sees. */
const textOf = (element) => collapse(element.innerText ?? element.textContent ?? "");

function findAll(target) {
  const root = target.within ? findAll(target.within)[0] : document.body;
  if (!root) return [];
  const name = target.name === undefined ? undefined : (full) => matchesName(full, target);
  const found = queryAllByRole(root, target.role, name === undefined ? {} : { name });
  if (target.text === undefined) return found;
  return found.filter((one) => contains(one.textContent, target.text) || contains(textOf(one), target.text));
}

function matchesName(full, { name, exact }) {
  return exact ? collapse(full) === collapse(name) : contains(full, name);
}

function findFirst(target) {
  const element = findAll(target)[0];
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return element;
}

/** An element that would receive a click, and its centre in the viewport. */
function aim(target) {
  const element = findFirst(target);
  if (!element || element.matches(":disabled, [aria-disabled=true]")) return null;
  const box = element.getBoundingClientRect();
  return { element, x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

function fill(target, text) {
  const field = findFirst(target);
  if (!field) return false;
  field.focus();
  if (field.localName === "select") return choose(field, text);
  field.select?.();
  if (!field.select) document.getSelection().selectAllChildren(field);
  if (text === "") document.execCommand("delete");
  else document.execCommand("insertText", false, text);
  return true;
}

function choose(select, text) {
  const option = [...select.options].find((one) => one.value === text || collapse(one.label) === text);
  if (!option) return false;
  select.value = option.value;
  for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
  return true;
}

globalThis.scenarioPage = {
  texts: (target) => findAll(target).map(textOf),
  attributes: (target, name) => findAll(target).map((one) => one.getAttribute(name)),
  aim,
  fill,
};
