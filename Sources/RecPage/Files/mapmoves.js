// How fingers, the mouse and keys move the map, and how its legend hides departments.
import { h, replace } from './dom.js';
import { number } from './format.js';
import { colourOf } from './mapdraw.js';

/**
 * Listens to a frame. `moves` has pan(dx, dy), zoomBy(factor, x, y), reset(), hover(x, y), away(), tap(x, y, finger), openMiddle(), keyed():
 * all in pixels of the frame.
 */
export function listenTo(frame, moves) {
  const pointers = new Map();
  let travelled = 0;
  const place = (event) => {
    const box = frame.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const byKeys = (really) => frame.classList.toggle('by-keys', really);
  const on = (name, listener) => frame.addEventListener(name, listener);

  on('pointerdown', (event) => {
    if (event.button > 0) return;
    byKeys(false);
    frame.setPointerCapture(event.pointerId);
    if (pointers.size === 0) travelled = 0;
    pointers.set(event.pointerId, place(event));
  });
  on('pointermove', (event) => {
    const now = place(event), before = pointers.get(event.pointerId);
    if (!before) {
      moves.hover(now.x, now.y);
      return;
    }
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    if (!other) {
      if (travelled > 4) moves.pan(now.x - before.x, now.y - before.y);
      return;
    }
    const far = Math.hypot(now.x - other.x, now.y - other.y), was = Math.hypot(before.x - other.x, before.y - other.y);
    moves.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    if (was > 0 && far > 0) moves.zoomBy(far / was, (now.x + other.x) / 2, (now.y + other.y) / 2);
    travelled += 99;
  });
  on('pointerup', (event) => {
    if (!pointers.delete(event.pointerId) || pointers.size > 0 || travelled > 4) return;
    const at = place(event);
    // A tapped map takes the fingers that were the page's before.
    if (event.pointerType === 'touch') frame.focus({ preventScroll: true });
    moves.tap(at.x, at.y, event.pointerType === 'touch');
  });
  // Without this a tap would be told again as a mouse's click, which takes the focus from what the tap opened.
  on('touchend', (event) => { if (event.cancelable) event.preventDefault(); });
  on('pointercancel', (event) => pointers.delete(event.pointerId));
  // A finger leaves when it is lifted: what its tap showed stays.
  on('pointerleave', (event) => { if (event.pointerType !== 'touch' && !pointers.size) moves.away(); });

  // The wheel belongs to the page until the map is used: who scrolls past is not caught.
  on('wheel', (event) => {
    if (document.activeElement !== frame && !event.ctrlKey) return;
    event.preventDefault();
    const at = place(event), by = event.deltaY * (event.deltaMode ? 20 : 1);
    moves.zoomBy(Math.exp(-Math.max(-60, Math.min(60, by)) * 0.006), at.x, at.y);
  });

  on('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? 200 : 60;
    const act = {
      ArrowLeft: () => moves.pan(by, 0), ArrowRight: () => moves.pan(-by, 0), ArrowUp: () => moves.pan(0, by), ArrowDown: () => moves.pan(0, -by),
      '+': () => moves.zoomBy(1.4), '=': () => moves.zoomBy(1.4), '-': () => moves.zoomBy(1 / 1.4), _: () => moves.zoomBy(1 / 1.4), 0: moves.reset,
      Enter: moves.openMiddle,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
    if (event.key === 'Enter') return;
    byKeys(true);
    moves.keyed();
  });
  on('focus', () => {
    if (!frame.matches(':focus-visible')) return;
    byKeys(true);
    moves.keyed();
  });
  on('blur', () => {
    byKeys(false);
    moves.away();
  });
}

/** A button for each department that has dots: pressed = shown. `hidden[place]` is changed, then `changed` called. */
export function fillLegend(legend, dots, hidden, departments, changed) {
  const places = [...departments.keys(), 255].filter((place) => dots[place] > 0);
  const set = (which, off) => {
    for (const place of which) hidden[place] = off ? 1 : 0;
    for (const [place, button] of toggles) button.setAttribute('aria-pressed', hidden[place] ? 'false' : 'true');
    changed();
  };
  const toggles = places.map((place) => [place, h('button', { type: 'button', 'aria-pressed': 'true', onclick: () => set([place], !hidden[place]) },
    h('span.swatch', { style: { background: colourOf(place) } }), departments[place] ?? 'Other', h('span.count', null, number(dots[place])))]);
  replace(legend, toggles.map(([, button]) => button),
    h('button.plain', { type: 'button', onclick: () => set(places, false) }, 'Show all'),
    h('button.plain', { type: 'button', onclick: () => set(places, true) }, 'Hide all'));
}
