// A file that is dropped on an element, as if it had been chosen in it.

/**
 * Shows where to drop it while one is dragged over the page. Beside that place nothing comes of it:
 * the browser would leave the page for the file.
 *
 * @param canTake - whether one would be taken now.
 */
export function receiveFiles(target, canTake, onFile) {
  const show = (isShown) => target.toggleAttribute("data-dropping", isShown);
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const isTaken = canTake();
    show(isTaken);
    event.dataTransfer.dropEffect = isTaken && target.contains(event.target) ? "copy" : "none";
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) show(false); // it has left the page
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(false);
    const [file] = event.dataTransfer.files;
    if (file && target.contains(event.target)) onFile(file);
  });
}

const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files") ?? false;
