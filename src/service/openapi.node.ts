import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { writtenFilmSuffixes } from '../films/film-formats.js';
import { imageSuffixes } from '../images/codec.js';
import { methods } from '../methods/index.js';
import type { AnyMethod, PictureRole } from '../methods/method.js';
import { packageVersion } from '../version.node.js';

type JsonSchema = Record<string, unknown>;

/** A method's name as that of a schema: `MatchColors`. */
const schemaName = ({ name }: AnyMethod): string =>
  name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

const picture: JsonSchema = { type: 'string', format: 'binary' };

/** Of the first role there may be several, of which each is a job. */
function roleSchema(
  { description, several, words }: PictureRole,
  index: number,
  { batch, films }: AnyMethod,
): JsonSchema {
  const one = words === undefined ? picture : { anyOf: [picture, { type: 'string', description: words }] };
  if (index === 0 && batch !== false) {
    const film = films === true ? ', or a film' : '';
    const whole = `${description}${film}; several pictures are a job each`;
    return { type: 'array', items: one, minItems: 1, description: whole };
  }
  const schema = several === true && index > 0 ? { type: 'array', items: one } : one;
  return { ...schema, description };
}

/** The form that asks for a method. */
function formSchema(method: AnyMethod): JsonSchema {
  const needed = method.roles.filter(({ optional, example }) => optional !== true && example === undefined);
  const isModel = method.networkKind?.() === 'model';
  const roles = method.roles.map((role, index) => [role.name, roleSchema(role, index, method)] as const);
  const network = { type: 'string', description: 'the name of a network, a model or a style' };
  const suffixes = [...Object.keys(imageSuffixes), ...(method.films === true ? writtenFilmSuffixes : [])];
  const format = {
    type: 'string',
    enum: suffixes.map((suffix) => suffix.slice(1)),
    ...(method.films === true
      ? { description: "of a film that of a film, and its own unless given; of a picture 'png' unless given" }
      : { default: 'png' }),
  };
  return {
    type: 'object',
    description: method.description,
    required: ['method', ...needed.map(({ name }) => name), ...(isModel ? ['network'] : [])],
    properties: {
      method: { type: 'string', const: method.name },
      ...Object.fromEntries(roles),
      options: { $ref: `#/components/schemas/${schemaName(method)}Options` },
      ...(method.network === undefined ? {} : { network }),
      ...(method.output.kind === 'picture' ? { format } : {}),
    },
    additionalProperties: false,
  };
}

/** The schemas of all methods: their forms and their options, by name. */
function methodSchemas(): Record<string, JsonSchema> {
  const pairs = methods.flatMap((method) => {
    const { $schema, ...options } = z.toJSONSchema(method.options, { io: 'input', unrepresentable: 'any' });
    void $schema;
    return [
      [`${schemaName(method)}Options`, options as JsonSchema],
      [`${schemaName(method)}Form`, formSchema(method)],
    ] as const;
  });
  return Object.fromEntries(pairs);
}

const forms = (): JsonSchema => ({
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        oneOf: methods.map((method) => ({ $ref: `#/components/schemas/${schemaName(method)}Form` })),
      },
      encoding: { options: { contentType: 'application/json' } },
    },
  },
});

/** Describes all routes that are registered from now on, in OpenAPI; `app.swagger()` has the document. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Pastiche',
        description: 'Neural style transfer as a service.',
        version: packageVersion,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }, {}],
    },
    transform: jsonSchemaTransform,
    transformObject: (input) => {
      const document = jsonSchemaTransformObject(input) as {
        components?: { schemas?: JsonSchema };
        paths: Record<string, Record<string, JsonSchema>>;
      };
      document.components = {
        ...document.components,
        schemas: { ...document.components?.schemas, ...methodSchemas() },
      };
      for (const path of ['/jobs', '/fast']) {
        const operation = document.paths[path]?.['post'];
        if (operation !== undefined) operation['requestBody'] = forms();
      }
      return document as never;
    },
  });
}
