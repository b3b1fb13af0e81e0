// What stands in the place of data: an error, grey shapes while waiting, and a kind word when there is nothing.
import { h } from './dom.js';

/** An error in words, with a button to try again where that can help. */
export function problem(error, retry) {
  const details = (error?.errors ?? []).map((one) => h('li', null, one.pointer ? `${one.pointer}: ` : '', one.detail ?? ''));
  return h('div.problem', { role: 'alert' },
    h('p', null, h('strong', null, 'This did not work. '), sentence(error?.message ?? String(error))),
    details.length > 0 && h('ul', null, details),
    retry && h('button', { type: 'button', onclick: retry }, 'Try again'));
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');

/** Grey cards for what is on its way. Quick answers never show them: the style sheet lets them appear after 150 ms. */
export const skeleton = (count) => h('div.cards.skeletons', { 'aria-hidden': 'true' },
  Array.from({ length: count }, () => h('div.skeleton', null, h('span'), h('i'), h('i'))));

/** Nothing to show: why, and what to do about it. */
export const empty = (title, text, ...more) => h('div.empty', null, h('p.empty-title', null, title), h('p', null, text), more);
