// The panel of one item, opened under the list in which it was clicked.
import * as api from './api.js';
import { h, replace } from './dom.js';
import { number } from './format.js';
import { picture } from './articles.js';
import { problem } from './problem.js';

/** `open(item, section, list)` puts the panel at the end of a section; `list` = the id of the list that showed the item. */
export function itemPanel({ cart, buy }) {
  const asking = api.latest();
  const node = h('div.item-panel', { role: 'region', 'aria-label': 'The item you opened' });
  let opener = null;

  function close() {
    asking();
    node.remove();
  }

  async function open(item, section, list) {
    opener = document.activeElement;
    const signal = asking();
    const more = h('div.item-more');
    const name = item.name || item.id;
    replace(node, h('div.item-picture', null, picture(item)),
      h('div.item-text', null, h('h3', null, name),
        h('p.muted', null, [item.department, item.type, item.colour, item.pattern].filter(Boolean).join(' · ') || 'Nothing else is known of this item.'),
        item.text && h('p', null, item.text), more,
        h('div.actions', null,
          h('button.primary', { type: 'button', onclick: () => cart(item, list) }, 'Add to basket'),
          h('button', { type: 'button', onclick: () => buy(item, list) }, 'Buy'),
          h('button.plain', { type: 'button', onclick: () => { close(); if (opener?.isConnected) opener.focus(); } }, 'Close'))));
    section.append(node);
    try {
      const answer = await api.item(item.id, { signal });
      const told = new Set([item.name, item.department, item.type, item.colour, item.pattern, item.text]);
      const rest = Object.entries(answer.attributes ?? {}).filter(([, value]) => !told.has(value)).slice(0, 8);
      replace(more, h('p', null, `Bought ${number(answer.events)} times in the data.`, answer.hidden ? ' The shop hides it: no list shows it.' : ''),
        rest.length > 0 && h('dl.facts', null, rest.map(([key, value]) => h('div', null, h('dt', null, key.replaceAll('_', ' ')), h('dd', null, value)))));
    } catch (error) {
      if (error.name !== 'AbortError') replace(more, problem(error));
    }
  }
  return { open, close };
}
