import type { CompressionType } from '@tributary/wire';
import type { ProducerSettings } from '../config.ts';

/** How batches are packed; no level: the codec's own. */
export function compressionOf(settings: ProducerSettings): {
  compression: CompressionType;
  compressionLevel?: number;
} {
  const compression = settings['compression.type'] as CompressionType;
  const gzipLevel = settings['compression.gzip.level'];
  if (compression === 'gzip' && gzipLevel > 0) return { compression, compressionLevel: gzipLevel };
  if (compression === 'zstd') {
    return { compression, compressionLevel: settings['compression.zstd.level'] };
  }
  return { compression };
}
