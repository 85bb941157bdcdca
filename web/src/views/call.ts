/** Calls somebody who waits, if they asked for it: in go their wish and the moment, out come a tone and a vibration. It keeps nothing. */

const HERTZ = 700;
const SECONDS = 0.8;

export class Caller {
  /** What is wanted. */
  sound = false;
  vibration = false;
  #audio: AudioContext | null = null;

  /** Both, from a click, as browsers demand; lets them hear it once. */
  allow(wanted: boolean): void {
    this.sound = this.vibration = wanted;
    this.wake();
    this.call();
  }

  /** From a click or a key, as browsers demand: whatever is called later can be heard. */
  wake(): void {
    this.#audio ??= new AudioContext();
  }

  /** By what is wanted, or by one of it. */
  call(only?: "sound" | "vibration"): void {
    if (this.vibration && only !== "sound") navigator.vibrate?.([200, 100, 200]);
    const audio = this.#audio;
    if (!this.sound || !audio || only === "vibration") return;
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
