import type { ProofWords } from './proof.en';

export const proof: ProofWords = {
  title: 'Est-ce bien vous ?',
  sentence: 'Une personne assise à votre ordinateur pourrait aussi faire cela. C’est pourquoi nous demandons d’abord votre mot de passe.',
  password: 'Votre mot de passe',
  button: 'Continuer',
  known: { 'wrong-password': 'Ce n’est pas votre mot de passe.' },
};
