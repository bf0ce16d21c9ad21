/** Measures the texts of the harness page: which are cut off, and whether the whole of them can be read in a title. */

interface CutText {
  /** Where it is: the element and two around it, with their classes. */
  place: string;
  text: string;
  /** True when a title, of the element or of one around it, holds the whole text. */
  titled: boolean;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Glyphs may be a little wider than their boxes. */
const TOLERANCE = 1;
const FAR = 1e9;

/**
 * Every visible text under `selector` of which a part lies outside what its boxes show.
 *
 * What can be scrolled to is not cut, except sideways if `across` is true.
 */
export function findCutTexts({ selector, across }: { selector: string; across: boolean }): CutText[] {
  const roots = [...document.querySelectorAll(selector)];
  return roots.flatMap(textNodesOf).flatMap((node) => {
    const element = node.parentElement;
    const text = normalise(node.nodeValue ?? "");
    if (element === null || text === "" || !isShown(element) || !isCut(element, boxOf(node), across))
      return [];
    return [{ place: placeOf(element), text, titled: isTitled(element, text) }];
  });
}

function textNodesOf(root: Element): Node[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes: Node[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) nodes.push(node);
  return nodes;
}

function boxOf(node: Node): Box {
  const range = document.createRange();
  range.selectNodeContents(node);
  return range.getBoundingClientRect();
}

function isShown(element: Element): boolean {
  return (
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.closest(".visually-hidden, [aria-hidden=true], select, textarea, input") === null
  );
}

/** True when an element around it cuts the box. What is scrolled away altogether is not looked at. */
function isCut(start: Element, whole: Box, across: boolean): boolean {
  let box = whole;
  for (const element of aroundOf(start)) {
    if (isEmpty(box)) return false;
    const { overflowX, overflowY, display } = getComputedStyle(element);
    if (display === "inline" || display === "contents") continue;
    const area = insideOf(element, overflowX === "visible", overflowY === "visible");
    const isCutAcross = box.left < area.left - TOLERANCE || box.right > area.right + TOLERANCE;
    const isCutDown = box.top < area.top - TOLERANCE || box.bottom > area.bottom + TOLERANCE;
    if (isCutAcross && (across || !isScrolled(overflowX))) return true;
    if (isCutDown && !isScrolled(overflowY)) return true;
    box = within(box, area);
  }
  return !isEmpty(box) && !contains({ left: 0, top: 0, right: innerWidth, bottom: innerHeight }, box);
}

/** The element and those around it, up to one that nothing around it can cut. */
function aroundOf(start: Element): Element[] {
  const found: Element[] = [];
  for (let element: Element | null = start; element !== null; element = element.parentElement) {
    found.push(element);
    if (getComputedStyle(element).position === "fixed") break;
  }
  return found;
}

/** What an element shows of what is in it; without bounds in the directions in which it cuts nothing. */
function insideOf(element: Element, isOpenAcross: boolean, isOpenDown: boolean): Box {
  const { left, top } = element.getBoundingClientRect();
  const { borderLeftWidth, borderTopWidth } = getComputedStyle(element);
  const x = left + Number.parseFloat(borderLeftWidth);
  const y = top + Number.parseFloat(borderTopWidth);
  return {
    left: isOpenAcross ? -FAR : x,
    right: isOpenAcross ? FAR : x + element.clientWidth,
    top: isOpenDown ? -FAR : y,
    bottom: isOpenDown ? FAR : y + element.clientHeight,
  };
}

function within(box: Box, area: Box): Box {
  return {
    left: Math.max(box.left, area.left),
    top: Math.max(box.top, area.top),
    right: Math.min(box.right, area.right),
    bottom: Math.min(box.bottom, area.bottom),
  };
}

function contains(area: Box, box: Box): boolean {
  const { left, top, right, bottom } = box;
  return (
    left >= area.left - TOLERANCE &&
    right <= area.right + TOLERANCE &&
    top >= area.top - TOLERANCE &&
    bottom <= area.bottom + TOLERANCE
  );
}

function isEmpty({ left, top, right, bottom }: Box): boolean {
  return right <= left || bottom <= top;
}

function isScrolled(overflow: string): boolean {
  return overflow === "auto" || overflow === "scroll";
}

function isTitled(start: Element, text: string): boolean {
  return ancestorsOf(start).some((element) => normalise(element.getAttribute("title") ?? "").includes(text));
}

function placeOf(start: Element): string {
  const named = ancestorsOf(start).filter(({ classList }) => classList.length > 0);
  const names = named.slice(0, 3).map(({ localName, classList }) => [localName, ...classList].join("."));
  return names.reverse().join(" > ");
}

function ancestorsOf(start: Element): Element[] {
  const found: Element[] = [];
  for (let element: Element | null = start; element !== null; element = element.parentElement)
    found.push(element);
  return found;
}

function normalise(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
