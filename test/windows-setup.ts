import sharp from 'sharp';

// libvips keeps the files open that it read last, and Windows neither removes nor replaces an open file.
sharp.cache({ files: 0 });
