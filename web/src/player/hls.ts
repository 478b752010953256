// A chunk of its own, so that the engine is fetched only when something will play.
export { default } from 'hls.js';
