// Measures what is visible in a page: contrast of text (WCAG 2.2, 1.4.3) and the height of what can be tapped.

const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
const colour = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);

function background(element) {
  for (let each = element; each; each = each.parentElement) {
    const found = colour(getComputedStyle(each).backgroundColor);
    if (found.length === 3 || found[3] === 1) return found;
  }
  return [255, 255, 255];
}

/** Texts whose contrast with what lies behind them is below `least`. */
export function tooFaint(least) {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  while (walker.nextNode()) {
    const { parentElement: element, textContent: text } = walker.currentNode;
    if (!text.trim() || !element.checkVisibility() || element.closest(".unseen, noscript")) continue;
    const style = getComputedStyle(element);
    const paint = element.closest("svg") ? style.fill : style.color;
    const [light, dark] = [luminance(colour(paint)), luminance(background(element))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < least) faint.push(`${text.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return faint;
}

/** Visible buttons, links and summaries lower than `least` pixels. */
export function tooSmall(least) {
  return [...document.querySelectorAll("button, a, summary")]
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < least - 0.5)
    .map((element) => `${element.textContent.trim().slice(0, 40)}: ${element.getBoundingClientRect().height}`);
}
