/** Sends a write as it is, for one that was made ready before: the headers of the first time are in it. */
export const sendAgain = (request: Request): Promise<Response> => fetch(request);
