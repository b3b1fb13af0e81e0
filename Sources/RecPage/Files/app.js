// The shell: which view is shown, the look, the status line, and the shop's facts that all views need.
import * as api from './api.js';
import { h, s, replace, announce } from './dom.js';
import { number, day } from './format.js';
import { state, change, newcomer } from './state.js';
import { onRefresh } from './refresh.js';
import { problem, skeleton, empty } from './problem.js';

const views = {
  shop: () => import('./shop.js'),
  explore: () => import('./explore.js'),
  search: () => import('./search.js'),
  stream: () => import('./stream.js'),
  models: () => import('./models.js'),
};
const suffix = 'Recommendation platform';
const wanted = () => /^#\/(\w+)/.exec(location.hash)?.[1] ?? 'shop';

/* The look: what the visitor chose, or else what the system says. */
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const isDark = () => (document.documentElement.dataset.theme ?? (systemDark.matches ? 'dark' : 'light')) === 'dark';
function showTheme() {
  const button = document.getElementById('theme'), dark = isDark();
  button.setAttribute('aria-label', `Change to the ${dark ? 'light' : 'dark'} look`);
  button.title = button.getAttribute('aria-label');
  replace(button, s('svg', { viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round', 'aria-hidden': 'true' },
    dark ? [s('circle', { cx: 12, cy: 12, r: 4.5 }), s('path', { d: 'M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5' })]
      : s('path', { d: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z' })));
}
function startTheme() {
  // Storage may be forbidden; the look then lasts for this visit.
  try { if (localStorage.getItem('theme')) document.documentElement.dataset.theme = localStorage.getItem('theme'); } catch { /* as above */ }
  document.getElementById('theme').addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem('theme', theme); } catch { /* as above */ }
    showTheme();
    announce(`The page is ${theme} now.`);
  });
  systemDark.addEventListener('change', showTheme);
  showTheme();
}

function showStatus() {
  const { shop, model } = state.shop;
  replace(document.querySelector('[role=status]'),
    model ? h('span', null, 'Model in service ', h('code', null, model.version)) : h('span', null, 'No model yet'),
    h('span', null, `${number(shop.items)} items`), h('span', null, `${number(shop.customers)} customers`),
    h('span', null, `${number(shop.events)} purchases`, shop.first ? `, ${day(shop.first)} to ${day(shop.last)}` : ''));
}

/* The shop's facts: asked for once, and again when another model is in service. */
let facts = null;
async function askFacts() {
  const shop = await api.shop();
  change({ shop });
  if (!state.visitor) {
    const middle = shop.customers[Math.floor(shop.customers.length / 2)];
    change({ visitor: middle ? { kind: 'customer', id: middle.id } : newcomer() });
  }
  showStatus();
}
onRefresh(async () => {
  const before = state.shop?.model;
  const asked = askFacts();
  await asked;
  facts = asked; // only now: an answer that failed must not take the place of a good one
  if (!before !== !state.shop.model) await go();
});

let turn = 0, end = null, first = true;

/** Shows the view of the address. A view that comes late finds its place taken and is ended. */
async function go() {
  const mine = ++turn, name = wanted() in views ? wanted() : 'shop', arriving = first;
  first = false;
  delete document.body.dataset.ready;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#/${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (name !== 'shop') turnOnRules();
  let view;
  try {
    const loading = views[name]();
    loading.catch(() => {}); // told below, after the facts
    facts ??= askFacts();
    if (arriving) freshMain(h('h1', null, 'One moment…'), skeleton(6));
    await facts;
    view = await loading;
    if (mine !== turn) return;
    leave();
    document.title = `${view.title} · ${suffix}`;
    const main = freshMain();
    if (!state.shop.model) return untrained(main, name);
    const shown = view.show(main);
    if (!arriving) { scrollTo(0, 0); main.querySelector('h1')?.focus({ preventScroll: true }); }
    const finish = await shown;
    if (mine === turn) end = finish;
    else { finish?.(); if (document.body.dataset.ready === name && wanted() !== name) delete document.body.dataset.ready; }
  } catch (error) {
    if (mine !== turn || error.name === 'AbortError') return;
    leave();
    const noFacts = !state.shop;
    if (noFacts) { facts = null; replace(document.querySelector('[role=status]'), h('span', null, 'No answer from the server')); }
    // A module that did not arrive is remembered by the browser as missing: only loading the page again helps.
    const retry = !noFacts && !view ? () => location.reload() : go;
    freshMain(h('h1', { tabindex: -1 }, 'Something is missing'), problem(error, retry));
  }
}

function leave() {
  try { end?.(); } finally { end = null; }
}

/** A new <main> for each view: what an earlier view still writes goes nowhere. */
function freshMain(...children) {
  const main = h('main#main', { tabindex: -1 }, children);
  document.getElementById('main').replaceWith(main);
  return main;
}

function untrained(main, name) {
  main.append(h('div.page-empty', null, h('h1', { tabindex: -1 }, 'Nothing is trained yet'),
    empty('This page comes alive with the first model.',
      `The shop has ${number(state.shop.shop.items)} items and ${number(state.shop.shop.events)} purchases, but no model has learned from them so far. Train one and activate it, then look again.`,
      h('div.actions', null, h('button.primary', { type: 'button', onclick: () => { facts = null; go(); } }, 'Look again')))));
  document.body.dataset.ready = name;
}

function turnOnRules() {
  for (const link of document.querySelectorAll('link[data-later]')) link.media = 'all';
}

/** The other views come when nothing else is to do, so that going there later is quick. */
function prefetch() {
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 500));
  idle(() => {
    turnOnRules();
    for (const load of Object.values(views)) load().catch(() => {}); // told when one goes there
    import('./why.js').catch(() => {});
  });
}

document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault(); // the address is the router's
  document.getElementById('main').focus();
});
addEventListener('hashchange', go);
startTheme();
go().then(prefetch);
