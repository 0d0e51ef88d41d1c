// The lines under a search result come by fetch, which a browser refuses to a page that was opened as a file.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// What is wider than the screen scrolls by itself, and then it can be reached by keyboard as well.
const reachable = () => {
  for (const box of document.querySelectorAll("pre, .output, .formula, .table-wrapper")) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("load", reachable);
addEventListener("resize", reachable);

// On the front page the arrow keys walk through the tour, as long as nothing else has the focus.
addEventListener("keydown", (event) => {
  const tour = document.querySelector("#tour [data-alive] .course-model");
  if (!tour || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
  const { top, bottom } = tour.getBoundingClientRect();
  if (document.activeElement !== document.body || bottom < 0 || top > innerHeight) return;
  tour.dispatchEvent(new KeyboardEvent("keydown", { key: event.key }));
});

// An option of a quiz can be pressed: the page says under it whether it is right, and why.
addEventListener("DOMContentLoaded", () => {
  for (const answer of document.querySelectorAll('article ol[type="a"] + details')) {
    const reasons = answer.querySelectorAll("li");
    [...answer.previousElementSibling.children].forEach((option, i) => {
      const [choose, why] = [document.createElement("button"), document.createElement("p")];
      choose.type = "button";
      choose.className = "option";
      choose.append(...option.childNodes);
      why.hidden = true;
      why.append(...reasons[i].cloneNode(true).childNodes);
      option.append(choose, why);
      const tell = () => choose.setAttribute("aria-expanded", !why.hidden);
      choose.addEventListener("click", () => { why.hidden = !why.hidden; tell(); });
      tell();
    });
  }
});
