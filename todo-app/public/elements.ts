/** An element that the page's HTML is known to have. */
export function find<E extends Element>(within: ParentNode, selector: string, type: new () => E): E {
  const element = within.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`the page has no ${selector}`);
  return element;
}
