/** Runs tasks one after another in the order of asking; one that fails does not hold up the next. */
export interface SerialQueue {
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createQueue(): SerialQueue {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run: (task) => {
      const result = tail.then(task);
      tail = result.catch(() => {});
      return result;
    },
  };
}
