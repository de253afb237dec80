import { addTodo, ApiError, listTodos } from "./api";
import { startCredentialStrip } from "./credential-strip";
import { find } from "./elements";
import { createTodoItem, type ItemEvents } from "./todo-item";

const form = find(document, "#add", HTMLFormElement);
const field = find(form, "input", HTMLInputElement);
const list = find(document, "#todos", HTMLUListElement);
const more = find(document, "#more", HTMLButtonElement);
const empty = find(document, "#empty", HTMLElement);
const problem = find(document, "#problem", HTMLElement);
const announcement = find(document, "#announcement", HTMLElement);

let next: string | null = null;

const events: ItemEvents = {
  async attempt(work) {
    try {
      await work();
      problem.hidden = true;
      return true;
    } catch (error) {
      const reason = error instanceof ApiError ? error.message : "the server does not answer";
      problem.textContent = `That did not work: ${reason}.`;
      problem.hidden = false;
      return false;
    }
  },
  announce(message) {
    announcement.textContent = message;
  },
  removed(nextItem) {
    showWhetherEmpty();
    (nextItem?.querySelector<HTMLElement>("input") ?? field).focus();
  },
};

async function showNextPage(): Promise<void> {
  const page = await listTodos(next ?? undefined);
  const items = page.todos.map((todo) => createTodoItem(todo, events));
  list.append(...items);
  next = page.next;
  more.hidden = next === null;
  list.setAttribute("aria-busy", "false");
  showWhetherEmpty();
}

function showWhetherEmpty(): void {
  list.hidden = list.childElementCount === 0;
  empty.hidden = !list.hidden;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const title = field.value;
  void events.attempt(async () => {
    const todo = await addTodo(title);
    list.prepend(createTodoItem(todo, events));
    showWhetherEmpty();
    events.announce(`Added: ${todo.title}`);
    if (field.value === title) field.value = "";
    field.focus();
  });
});

more.addEventListener("click", () => {
  const last = list.lastElementChild;
  void events.attempt(async () => {
    await showNextPage();
    last?.nextElementSibling?.querySelector<HTMLElement>("input")?.focus();
  });
});

void events.attempt(showNextPage);
startCredentialStrip();
