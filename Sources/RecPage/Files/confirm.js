// The question in the page before something is changed for everybody.
import { h } from './dom.js';

/** Resolves to true for yes; to false for no, Escape, and when another question is asked. */
export function sure({ title, text, yes = 'Yes' }) {
  document.getElementById('confirm')?.close();
  return new Promise((resolve) => {
    const dialog = h('dialog#confirm', { 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text' },
      h('h2#confirm-title', null, title),
      h('div#confirm-text', null, [text].flat().map((one) => h('p', null, one))),
      h('div.actions', null,
        h('button.primary.yes', { type: 'button', onclick: () => dialog.close('yes') }, yes),
        h('button.no', { type: 'button', autofocus: true, onclick: () => dialog.close('') }, 'No, leave it')));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
