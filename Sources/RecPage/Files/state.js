// What the visitor chose: the customer or newcomer, the basket, the item looked at; shared by all views.

const listeners = new Set();
const random = () => crypto.getRandomValues(new Uint32Array(1))[0];
export const state = {
  /** The answer of /page/data/shop. */
  shop: null,
  /** { kind: 'customer', id } or { kind: 'newcomer', session, attributes: {} } */
  visitor: null,
  /** Ids. */
  basket: [],
  /** Id of the item last opened. */
  looked: null,
  /** The luck of this visit: where lists are drawn by chance, what changes shall come from clicks. */
  seed: random(),
};

/** Changes some fields and tells those who listen. */
export function change(fields) {
  Object.assign(state, fields);
  for (const listener of [...listeners]) listener(fields);
}

/** Calls back on changes until the returned function is called. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const newcomer = (attributes = {}) => ({
  kind: 'newcomer', session: `visitor-${random().toString(36)}`, attributes,
});

/** A name that nothing else has. */
export const unique = () => Array.from({ length: 4 }, () => random().toString(16).padStart(8, '0')).join('');

/** Who asks, as fields of a request or an event. */
export function who(visitor = state.visitor, forEvent = false) {
  if (!visitor) return {};
  if (visitor.kind === 'customer') return { user: visitor.id };
  return forEvent ? { session: visitor.session } : { session: visitor.session, attributes: visitor.attributes };
}

/** The name under which the visitor's window is kept. */
export const windowName = (visitor = state.visitor) => (visitor.kind === 'customer' ? visitor.id : `session:${visitor.session}`);
