import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { StyleError } from '../../errors.js';
import { problem } from '../state/run.js';
import { texts } from '../texts.js';

/** Takes a photograph with the device's camera. */
export function Camera({ onPicture }: { readonly onPicture: (picture: Blob) => void }): JSX.Element | null {
  const stream = useSignal<MediaStream | undefined>(undefined);
  const video = useRef<HTMLVideoElement>(null);
  const close = (): void => {
    stream.value?.getTracks().forEach((track) => track.stop());
    stream.value = undefined;
  };
  useEffect(() => {
    if (video.current !== null && stream.value !== undefined) video.current.srcObject = stream.value;
  }, [stream.value]);
  useEffect(() => close, []);
  if (!('mediaDevices' in navigator)) return null;

  const open = async (): Promise<void> => {
    try {
      stream.value = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch (cause) {
      problem.value = new StyleError('E_INPUT_PERMISSION', texts.cameraRefused, texts.cameraRemedy, {
        cause,
      });
    }
  };
  const take = async (): Promise<void> => {
    const { videoWidth, videoHeight } = video.current!;
    const canvas = new OffscreenCanvas(videoWidth, videoHeight);
    canvas.getContext('2d')!.drawImage(video.current!, 0, 0);
    onPicture(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 }));
    close();
  };
  if (stream.value === undefined) {
    return (
      <button type="button" class="camera" onClick={() => void open()}>
        {texts.camera}
      </button>
    );
  }
  return (
    <div class="viewfinder">
      <video ref={video} autoplay playsInline muted />
      <button type="button" class="primary" onClick={() => void take()}>
        {texts.takePicture}
      </button>
      <button type="button" onClick={close}>
        {texts.closeCamera}
      </button>
    </div>
  );
}
