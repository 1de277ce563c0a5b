/** The logo on the phones' screens. */
export const logo = {
  title: 'Logo on the phones',
  sentence: 'Phones with a colour screen show it in the middle. It takes a few seconds.',
  choose: 'Choose a picture',
  another: 'Choose another picture',
  hint: 'A PNG, JPEG or WebP file. We make it smaller if it is large.',
  remove: 'Take the logo off',
  alt: 'The logo as you chose it',
  missing: 'The settings name a logo, but its picture is not in this box. Choose it again.',
  unreadable: 'This file is not a picture that we can read. Choose a PNG, JPEG or WebP file.',
};
