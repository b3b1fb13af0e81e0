// Making nodes: text from the server is always text, never markup.

/** h('button.big#go', { type: 'button', onclick: f, 'aria-label': 'Go', data: { id: 1 } }, 'Go', child, [more]) */
export function h(spec, props, ...children) {
  return build(document.createElement(spec.match(/^[a-z0-9-]+/i)?.[0] ?? 'div'), spec, props, children);
}

/** The same for SVG. */
export function s(spec, props, ...children) {
  return build(document.createElementNS('http://www.w3.org/2000/svg', spec.match(/^[a-z0-9-]+/i)[0]), spec, props, children);
}

function build(node, spec, props, children) {
  for (const [, sign, name] of spec.matchAll(/([.#])([\w-]+)/g)) {
    if (sign === '.') node.classList.add(name);
    else node.id = name;
  }
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'data') for (const [key, text] of Object.entries(value)) node.dataset[key] = text;
    else if (name === 'style') Object.assign(node.style, value);
    else if (name === 'value') node.value = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child);
  }
  return node;
}

export function replace(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/** Says something to those who listen to the page. */
export function announce(text) {
  const region = document.getElementById('live');
  region.textContent = '';
  requestAnimationFrame(() => { region.textContent = text; });
}

export const quiet = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
