/** The time, once a second, for whatever counts on the screen. */
import { boxNow } from '$lib/api/client';

class Clock {
  /** The page's own clock, in milliseconds, once a second. */
  now = $state(Date.now());
  /** The box's clock, in milliseconds, once a second. */
  box = $state(boxNow());

  constructor() {
    setInterval(() => {
      this.now = Date.now();
      this.box = boxNow();
    }, 1000);
  }
}

export const clock = new Clock();
