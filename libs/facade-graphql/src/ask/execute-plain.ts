import {
  execute,
  getArgumentValues,
  locatedError,
  OperationTypeNode,
  validateExecutionArgs,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLResolveInfo,
} from 'graphql';
import type { Asking } from '../asking.ts';
import { plainPlan, type Branch, type PlainPlan, type Verb } from './plain-plan.ts';

/**
 * As graphql-js executes, with the same results. Most operations ask for verbs, and for plain objects below them: these are read by what was
 * made of the selection once, in a fraction of the time that it takes to complete each field of each object by itself.
 */
export async function executed(args: ExecutionArgs & { readonly contextValue: Asking }): Promise<ExecutionResult> {
  const checked = validateExecutionArgs(args);
  if (!('schema' in checked)) return { errors: checked };
  const { operation } = checked;
  const plan = plainPlan(args.schema, args.document, operation);
  if (plan === undefined) return execute(args);
  const running = new Running(checked, args.contextValue);
  const data = await running.of(plan);
  // Values that do not fit their type are told one by one; reading again is what tells them.
  if (running.faults.length > 0 && operation.operation === OperationTypeNode.QUERY) return execute(args);
  const errors = [...running.errors, ...running.faults];
  return errors.length === 0 ? { data } : { errors, data };
}

type Checked = Extract<ReturnType<typeof validateExecutionArgs>, { readonly schema: unknown }>;
type Path = readonly string[];

class Running {
  readonly errors: GraphQLError[] = [];
  readonly faults: GraphQLError[] = [];
  readonly #args: Checked;
  readonly #asking: Asking;

  constructor(args: Checked, asking: Asking) {
    this.#args = args;
    this.#asking = asking;
  }

  of({ root }: PlainPlan): Promise<Record<string, unknown>> {
    return this.#branch(root, []);
  }

  async #branch({ entries }: Branch, path: Path): Promise<Record<string, unknown>> {
    // All are begun before one is waited for.
    const begun = entries.map(({ key, step }): readonly [string, unknown] => {
      const at = [...path, key];
      switch (step.type) {
        case 'typename':
          return [key, step.name];
        case 'branch':
          return [key, this.#branch(step, at)];
        case 'verb':
          return [key, this.#verb(step, at)];
      }
    });
    const data: Record<string, unknown> = {};
    for (const [key, value] of begun) data[key] = await value;
    return data;
  }

  async #verb({ field, node, project }: Verb, path: Path): Promise<unknown> {
    try {
      const args = getArgumentValues(field, node, this.#args.variableValues);
      const value: unknown = await field.resolve?.({}, args, this.#asking, noInfo);
      if (value === undefined || value === null) return null;
      const faults: unknown[] = [];
      const shown = project(value, faults);
      for (const fault of faults) this.faults.push(locatedError(fault, [node], path));
      return shown;
    } catch (failure) {
      this.errors.push(locatedError(failure, [node], path));
      return null;
    }
  }
}

/** Verbs do not look at where they stand. */
const noInfo = undefined as unknown as GraphQLResolveInfo;
