/** Calls somebody who waits, if they asked for it: in go their wish and the moment, out come a tone and a vibration. It keeps nothing. */

const HERTZ = 700;
const SECONDS = 0.8;

export class Caller {
  allowed = false;
  #audio: AudioContext | null = null;

  /** From a click, as browsers demand; lets them hear it once. */
  allow(allowed: boolean): void {
    this.allowed = allowed;
    this.#audio ??= new AudioContext();
    this.call();
  }

  call(): void {
    const audio = this.#audio;
    if (!this.allowed || !audio) return;
    navigator.vibrate?.([200, 100, 200]);
    // A phone that was locked has put it to sleep.
    void audio.resume();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const now = audio.currentTime;
    tone.frequency.value = HERTZ;
    volume.gain.setValueAtTime(0.2, now);
    volume.gain.exponentialRampToValueAtTime(0.001, now + SECONDS);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(now + SECONDS);
  }
}
