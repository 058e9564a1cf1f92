import { argumentError } from '../errors.js';

/** Where a bucket is, and who asks for it. */
export interface S3Address {
  readonly bucket: string;
  /** What all keys begin with: nothing, or a text that ends with a slash. */
  readonly prefix: string;
  /** The server's address, without a slash at its end. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Bucket and prefix in characters that stand for themselves in addresses, in signatures and in XML. */
const addressPattern = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w.-]+(?:\/[\w.-]+)*)?\/?)?$/;

/**
 * Reads where pictures are stored, such as `s3://BUCKET/PREFIX`, with server, region and credentials from the variables that other
 * programs of S3 read as well.
 * @throws StyleError `E_ARGUMENT` about the option `files` for another address, or with the variable that is missing
 */
export function readS3Address(address: string, environment: Environment): S3Address {
  const [, bucket, folder] = addressPattern.exec(address) ?? [];
  if (bucket === undefined || folder?.split('/').some((part) => /^\.+$/.test(part)) === true) {
    throw argumentError(
      'files',
      `${JSON.stringify(address)} is no address of stored pictures.`,
      'Name a bucket as s3://BUCKET, or a part of it as s3://BUCKET/PREFIX, in letters, digits, dots, hyphens and underscores.',
    );
  }
  const region = variable(environment, 'AWS_REGION', 'the region, such as us-east-1');
  return {
    ...{ bucket, prefix: folder === undefined ? '' : `${folder}/`, region },
    endpoint: endpointOf(environment) ?? `https://s3.${region}.amazonaws.com`,
    accessKeyId: variable(environment, 'AWS_ACCESS_KEY_ID', "the access key's id"),
    secretAccessKey: variable(environment, 'AWS_SECRET_ACCESS_KEY', "the access key's secret"),
    sessionToken: environment['AWS_SESSION_TOKEN'] || undefined,
  };
}

function variable(environment: Environment, name: string, what: string): string {
  const value = environment[name];
  if (value) return value;
  throw argumentError(
    'files',
    `Pictures in S3 need ${what}, and the environment variable ${name} is not set.`,
    `Set ${name}.`,
  );
}

function endpointOf(environment: Environment): string | undefined {
  const name = environment['AWS_ENDPOINT_URL_S3'] ? 'AWS_ENDPOINT_URL_S3' : 'AWS_ENDPOINT_URL';
  const endpoint = environment[name];
  if (!endpoint) return undefined;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isPlain =
    url !== undefined && /^https?:$/.test(url.protocol) && !(url.username || url.search || url.hash);
  if (isPlain) return url.href.replace(/\/+$/, '');
  // It may hold a password, so that it is not repeated.
  throw argumentError(
    'files',
    `What the environment variable ${name} holds is no address of a server.`,
    `Set ${name} as https://HOST or http://HOST:PORT, without a name or a password.`,
  );
}
