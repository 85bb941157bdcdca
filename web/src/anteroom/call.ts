/** Calls somebody who waits: in go what they allowed, out come a tone, a vibration and another page title. It keeps nothing. */

const TONES_HZ = [660, 880];

export class Caller {
  sound = false;
  vibration = false;
  /** Called, and not back at the page yet. */
  calling = false;
  private audio: AudioContext | null = null;

  /** From a click, as browsers demand; lets them hear it once. */
  allow_sound(allowed: boolean): void {
    this.sound = allowed;
    this.audio ??= new AudioContext();
    if (allowed) this.play();
  }

  call(): void {
    this.calling = document.visibilityState !== "visible" || !document.hasFocus();
    if (this.sound) this.play();
    if (this.vibration) navigator.vibrate?.([200, 100, 200]);
  }

  private play(): void {
    const { audio } = this;
    if (!audio) return;
    void audio.resume();
    for (const [index, hertz] of TONES_HZ.entries()) {
      const at = audio.currentTime + index * 0.18;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0.15, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.5);
    }
  }
}
