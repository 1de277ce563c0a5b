import type { voicemail as rule } from './voicemail.en';

export const voicemail: typeof rule = {
  title: 'Voicemail',
  sentence: 'Wie geen gehoor krijgt, kan een bericht achterlaten.',
  on: 'Bellers kunnen een bericht achterlaten',
  onHint: 'Ze horen een paar tonen en een piep. Kies *97 op het toestel om te luisteren: 1 is nog eens, 2 is verder, 7 is wissen.',
  after: 'Na hoe lang?',
  seconds: (seconds) => `${seconds} seconden`,
  messages: 'Berichten',
  none: 'Er zijn geen berichten.',
  kept: (days) => `Een bericht blijft ten hoogste ${days} dagen staan.`,
  fresh: 'Nieuw',
  play: (who) => `Bericht van ${who}`,
  remove: 'Wissen',
  removeTitle: (who) => `Het bericht van ${who} wissen?`,
  removeSentence: 'Het kan niet worden teruggehaald.',
  removeButton: 'Bericht wissen',
  refused: { 'no-mailbox': 'Buiten de openingstijden gaat een nummer naar deze voicemail. Kies eerst iets anders voor dat nummer, bij Instellingen.' },
};
