// Buttons that copy the text beside them, and a memory for the language. Without this script the text
// can still be selected and the language still be chosen, for one page.

for (const button of document.querySelectorAll('button.copy')) {
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.dataset.done = '';
      setTimeout(() => delete button.dataset.done, 1500);
    } catch {
      // No clipboard without HTTPS: mark the text, so that Ctrl+C takes it.
      getSelection().selectAllChildren(button.previousElementSibling);
    }
  });
}

// The map's own: who chose there has chosen here.
const KEY = 'urbis-language';
const choices = document.querySelectorAll('.languages input');

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const titles = { vi: document.title, en: document.querySelector('title').dataset.en };

function show(language) {
  document.documentElement.lang = language;
  document.title = titles[language];
  for (const map of document.querySelectorAll('iframe.map')) map.src = inLanguage(map.src, language);
  for (const link of document.querySelectorAll('a.map-link')) link.href = inLanguage(link.href, language);
}

// The map takes what follows the '#' without being loaded anew.
function inLanguage(address, language) {
  return `${address.replace(/&lang=\w+/, '')}&lang=${language}`;
}

function choose(language) {
  show(language);
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}

for (const choice of choices) {
  if (choice.value === remembered()) choice.checked = true;
  if (choice.checked) show(choice.value);
  choice.addEventListener('change', () => choose(choice.value));
}
