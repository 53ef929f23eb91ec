// Buttons that copy the text beside them. Without this the text can still be selected.

for (const button of document.querySelectorAll('button.copy')) {
  button.addEventListener('click', async () => {
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = '✓';
    } catch {
      // No clipboard without HTTPS: mark the text, so that Ctrl+C takes it.
      getSelection().selectAllChildren(button.previousElementSibling);
    }
    setTimeout(() => (button.textContent = before), 1500);
  });
}
