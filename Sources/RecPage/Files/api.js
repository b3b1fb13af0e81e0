// Asking the server: keys, errors, times, and no answer that comes after a newer question.
import { askKey } from './keys.js';

/** What the server refused, in words for a person. */
export class Refusal extends Error {
  constructor(problem, status) {
    super(problem?.detail ?? `the server answered ${status}`);
    this.status = status;
    this.code = problem?.code ?? 'unknown';
    this.errors = problem?.errors ?? [];
  }
}

const encode = encodeURIComponent;
/** A server that takes a question and never answers must not leave the page waiting for ever. */
const patience = 30_000;
/** Loading a version and trying it out takes its time. */
const muchPatience = 600_000;

/** Keys live as long as the tab, or as the page where storage is forbidden. */
const remembered = new Map();
function keyOf(kind) {
  try { return sessionStorage.getItem(kind); } catch { return remembered.get(kind) ?? null; }
}
function keep(kind, key) {
  try { sessionStorage.setItem(kind, key); } catch { remembered.set(kind, key); }
}

/** What went wrong on the way, for a person. */
function lost(error, wait) {
  if (error.name === 'AbortError') return error;
  if (error.name === 'TimeoutError') return new Refusal({ detail: `the server did not answer within ${wait / 1000} s`, code: 'no_answer' }, 0);
  return new Refusal({ detail: 'the server cannot be reached; is it still running?', code: 'unreachable' }, 0);
}

/**
 * One request. `admin` = asks for a key that may change things, where the one at hand may not.
 * Resolves to { data, status, browser: ms, server: ms or null }.
 */
export async function request(method, path, { body, signal, admin = false, binary = false, wait = patience } = {}) {
  const start = performance.now();
  for (;;) {
    const key = keyOf(admin ? 'admin-key' : 'key') ?? keyOf('admin-key');
    const headers = { accept: binary ? '*/*' : 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (key) headers.authorization = `Bearer ${key}`;
    let answer;
    try {
      const ends = AbortSignal.timeout(wait);
      answer = await fetch(path, {
        method, headers, signal: signal ? AbortSignal.any([signal, ends]) : ends, body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      throw lost(error, wait);
    }
    if (answer.status === 401 || answer.status === 403) {
      const given = await askKey(answer.status === 403 || admin, key !== null);
      if (given === null) throw new Refusal({ detail: 'a key is needed for this', code: 'no_key' }, answer.status);
      keep(answer.status === 403 || admin ? 'admin-key' : 'key', given);
      if (answer.status === 403) admin = true;
      continue;
    }
    const type = answer.headers.get('content-type') ?? '';
    let data;
    try {
      data = type.includes('json') ? await answer.json() : binary ? await answer.arrayBuffer() : await answer.text();
    } catch (error) {
      throw lost(error, wait);
    }
    if (!answer.ok) throw new Refusal(typeof data === 'object' ? data : null, answer.status);
    const timing = /total;dur=([\d.]+)/.exec(answer.headers.get('server-timing') ?? '');
    return { data, status: answer.status, browser: performance.now() - start, server: timing ? Number(timing[1]) : null };
  }
}

const get = async (path, options) => (await request('GET', path, options)).data;

export const shop = () => get('/page/data/shop');
export const customers = (find, options) => get(`/page/data/customers?find=${encode(find)}`, options);
export const customer = (id, options) => get(`/page/data/customers/${encode(id)}`, options);
export const item = (id, options) => get(`/page/data/items/${encode(id)}`, options);
export const surroundings = (id, limit, options) => get(`/page/data/items/${encode(id)}/surroundings?limit=${limit}`, options);
export const search = (words, limit, options) => get(`/page/data/search?q=${encode(words)}&limit=${limit}`, options);
export const points = (version, numbers, options) => get(`/page/data/map/points?version=${encode(version)}&numbers=${numbers.join(',')}`, options);
export const map = (options) => request('GET', '/page/data/map', { ...options, binary: true });
export const models = (options) => get('/page/data/models', options);
export const serve = (version) => request('POST', `/page/data/models/${encode(version)}/serve`, { admin: true, wait: muchPatience });
export const activate = (version) => request('POST', `/v1/models/${encode(version)}/activate`, { admin: true, wait: muchPatience });
export const replay = (options) => get('/page/data/replay', options);
export const startReplay = async (speed) => (await request('POST', '/page/data/replay', { body: { speed }, admin: true })).data;
export const stopReplay = async () => (await request('DELETE', '/page/data/replay', { admin: true })).data;
/** The whole answer of `request`, with its times. */
export const recommend = (body, options) => request('POST', '/v1/recommendations', { ...options, body });
export const send = (events) => request('POST', '/v1/events', { body: { events } });
export const windowOf = (user, options) => get(`/v1/users/${encode(user)}/window`, options);

const known = new Map();
/** Cards of items by id, each asked for once; unknown ones come back with their id as their name. */
export async function cards(ids, options) {
  const missing = [...new Set(ids)].filter((id) => !known.has(id));
  for (let from = 0; from < missing.length; from += 100) {
    const part = missing.slice(from, from + 100);
    const found = await get(`/page/data/items?ids=${part.map(encode).join(',')}`, options);
    for (const card of found.items) known.set(card.id, card);
  }
  return ids.map((id) => known.get(id) ?? { id, name: id });
}
export const remember = (list) => { for (const card of list) known.set(card.id, card); };

/** Only the latest question counts: `latest()` gives a signal and ends the one before. */
export function latest() {
  let controller;
  return () => {
    controller?.abort();
    controller = new AbortController();
    return controller.signal;
  };
}
