import { apply } from 'pastiche';

const at = (id) => document.getElementById(id);

// The model and WebAssembly are files of the build: there is nothing to copy and no address to give.
at('picture').onchange = async () => {
  try {
    const result = await apply({ model: 'wave', picture: at('picture').files[0] });
    at('painted').src = URL.createObjectURL(await result.blob('png'));
    at('status').textContent = 'done';
  } catch (error) {
    at('status').textContent = `${error.message} ${error.remedy ?? ''}`;
  }
};
