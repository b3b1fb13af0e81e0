// The dialog that asks for a key, where the server wants one.
import { h } from './dom.js';

let open = null;

/** Resolves to the key, or null when the visitor does not give one. One dialog at a time, whoever asks. */
export function askKey(admin, wasWrong) {
  open ??= new Promise((resolve) => {
    const input = h('input', { type: 'password', autocomplete: 'off', required: true, id: 'key-input' });
    const form = h('form', { method: 'dialog' },
      h('h2', { id: 'key-title' }, admin ? 'A key for changes is needed' : 'A key is needed'),
      h('p', null, wasWrong ? 'The key at hand does not permit this. ' : '',
        admin ? 'Only a key with the scope “admin” may change what is served.' : 'This server answers those who show a key.',
        ' It is kept in this tab only.'),
      h('label', { for: 'key-input' }, 'Key'), input,
      h('div.actions', null, h('button', { type: 'submit', value: 'ok' }, 'Use this key'),
        h('button.plain', { type: 'button', onclick: () => dialog.close('') }, 'Not now')));
    const dialog = h('dialog#key', { 'aria-labelledby': 'key-title' }, form);
    dialog.addEventListener('close', () => {
      dialog.remove();
      open = null;
      resolve(dialog.returnValue === 'ok' && input.value ? input.value.trim() : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return open;
}
