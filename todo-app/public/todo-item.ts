import { changeTodo, deleteTodo, type Todo } from "./api";
import { find } from "./elements";

export interface ItemEvents {
  /** Runs a request and shows what went wrong; answers whether it succeeded. */
  attempt(work: () => Promise<void>): Promise<boolean>;
  announce(message: string): void;
  /** The item is gone, and the focus must move somewhere. */
  removed(next: Element | null): void;
}

/** One line of the list: complete, rename, delete. */
export function createTodoItem(todo: Todo, events: ItemEvents): HTMLLIElement {
  const template = find(document, "#todo", HTMLTemplateElement);
  const item = find(template.content.cloneNode(true) as DocumentFragment, "li", HTMLLIElement);
  const check = find(item, ".check", HTMLLabelElement);
  const checkbox = find(check, "input", HTMLInputElement);
  const form = find(item, "form", HTMLFormElement);
  const field = find(form, "input", HTMLInputElement);
  const renameButton = find(item, '[data-action="rename"]', HTMLButtonElement);
  const deleteButton = find(item, '[data-action="delete"]', HTMLButtonElement);

  const showTitle = (title: string): void => {
    find(check, ".title", HTMLElement).textContent = title;
    field.setAttribute("aria-label", `New title of ${title}`);
    renameButton.setAttribute("aria-label", `Rename ${title}`);
    deleteButton.setAttribute("aria-label", `Delete ${title}`);
    todo = { ...todo, title };
  };
  const showForm = (isShown: boolean): void => {
    form.hidden = !isShown;
    check.hidden = renameButton.hidden = deleteButton.hidden = isShown;
    if (isShown) {
      field.value = todo.title;
      field.select();
    } else {
      renameButton.focus();
    }
  };

  checkbox.checked = todo.completed;
  showTitle(todo.title);

  checkbox.addEventListener("change", () => {
    const completed = checkbox.checked;
    void events
      .attempt(async () => {
        await changeTodo(todo.id, { completed });
        events.announce(`${completed ? "Completed" : "Reopened"}: ${todo.title}`);
      })
      .then((isDone) => {
        if (!isDone) checkbox.checked = !completed;
      });
  });
  renameButton.addEventListener("click", () => {
    showForm(true);
  });
  find(form, '[data-action="cancel"]', HTMLButtonElement).addEventListener("click", () => {
    showForm(false);
  });
  form.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") showForm(false);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void events.attempt(async () => {
      const { title } = await changeTodo(todo.id, { title: field.value });
      showTitle(title);
      showForm(false);
      events.announce(`Renamed: ${title}`);
    });
  });
  deleteButton.addEventListener("click", () => {
    void events.attempt(async () => {
      await deleteTodo(todo.id);
      const next = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      events.announce(`Deleted: ${todo.title}`);
      events.removed(next);
    });
  });
  return item;
}
