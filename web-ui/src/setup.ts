import { mount } from 'svelte';
import './app.css';
import Setup from './Setup.svelte';
import { applyTheme } from '$lib/theme';

applyTheme();
const target = document.getElementById('app');
if (target) mount(Setup, { target });
