import type { ProofWords } from './proof.en';

export const proof: ProofWords = {
  title: 'Ben je het zelf?',
  sentence: 'Iemand die aan je computer zit, zou dit ook kunnen. Daarom vragen we eerst je eigen wachtwoord.',
  password: 'Je eigen wachtwoord',
  button: 'Verder',
  known: { 'wrong-password': 'Dit is niet je wachtwoord.' },
};
