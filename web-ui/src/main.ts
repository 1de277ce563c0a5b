import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { applyTheme } from '$lib/theme';

applyTheme();
// After an update of the box the old pieces of the page are gone: fetch the new page.
window.addEventListener('vite:preloadError', () => window.location.reload());
const target = document.getElementById('app');
if (target) mount(App, { target });
