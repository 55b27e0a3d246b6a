/**
 * The title of a stage.
 * @param otherwise what is shown for an id that no stage has; the id itself unless set
 */
export function stageTitle(stages: readonly { readonly id: string; readonly title: string }[], id: string, otherwise = id): string {
  return stages.find((stage) => stage.id === id)?.title ?? otherwise
}
