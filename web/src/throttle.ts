// What many causes ask for and one run answers.

/** Runs `act` at once, then at most once in `pauseMs`; calls that come meanwhile make one more run. */
export function throttled(act: () => void, pauseMs: number): () => void {
  let isPausing = false;
  let isAskedAgain = false;
  const run = (): void => {
    if (isPausing) {
      isAskedAgain = true;
      return;
    }
    isPausing = true;
    setTimeout(() => {
      isPausing = false;
      if (!isAskedAgain) return;
      isAskedAgain = false;
      run();
    }, pauseMs);
    act();
  };
  return run;
}
