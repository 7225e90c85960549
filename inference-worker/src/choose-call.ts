import { TurnledgerError } from '@turnledger/shared/contracts';
import type { ModelChoice, ScenarioVersion } from '@turnledger/shared/domain';
import type { Model } from '@turnledger/shared/ports';
import { chooseModel, isNextUntried, withinReach } from './choose-model.ts';
import type { Repetition } from './ports.ts';

type Models = ReadonlyMap<string, Model>;

/** Whom an attempt asks. */
export interface ChosenCall {
  readonly choice: ModelChoice;
  readonly model: Model;
  /** The name that the choice resolves to at its endpoint. */
  readonly name: string;
  /** A failure of this attempt may be answered by another endpoint, at once. */
  readonly isNextUntried: boolean;
}

interface Attempted {
  /** What a draw is made by. */
  readonly seed: string;
  readonly attempt: number;
  /** The model that the request names, if it does. */
  readonly wanted: string | undefined;
}

/** For a turn of a player: as the scenario has it, as far as its endpoints are still there. Throws `endpoint_unknown`. */
export function chooseNow(models: Models, scenario: ScenarioVersion, { seed, attempt, wanted }: Attempted): ChosenCall {
  const reachable = withinReach(scenario, new Set(models.keys()));
  const choice = chooseModel(reachable, seed, attempt, wanted);
  const model = models.get(choice.endpoint);
  if (!model) throw new TurnledgerError('endpoint_unknown', { detail: choice.endpoint });
  // A scripted model stands in for whatever the scenario names: who tries things out has no other.
  const name = model.isScripted || choice.name === 'default' ? model.defaultModel : choice.name;
  return { choice, model, name, isNextUntried: isNextUntried(reachable, attempt, wanted) };
}

/** Of a turn that is asked again: the model to ask in place of the recorded one, if any, and the one that was asked first. */
type AttemptedAgain = Attempted & Pick<Repetition, 'model' | 'recorded'>;

/**
 * For a turn that repeats a recorded one: what was asked then, or the model that is named in its place with the parameters that were asked
 * with. Nothing stands in for a model that is gone. Throws `model_unavailable`.
 */
export function chooseAgain(
  models: Models,
  scenario: ScenarioVersion,
  { seed, attempt, wanted, model: named, recorded }: AttemptedAgain,
): ChosenCall {
  const reached = asItWasReached(scenario, recorded);
  const asItWas = chooseModel(reached, seed, named ? 1 : attempt, wanted);
  const choice = named ? { ...asItWas, ...named } : asItWas;
  const model = models.get(choice.endpoint);
  if (!model) throw gone(choice);
  const isFirst = !named && isSameModel(choice, chooseModel(reached, seed, 1, wanted));
  const asked = isFirst && recorded?.endpoint === choice.endpoint ? recorded : undefined;
  // What an endpoint has by default may be another model by now, or a script.
  const byDefault = asked?.scenarioVersion === scenario.version ? asked.name : model.defaultModel;
  // Where a scripted model stood in when the turn was recorded, it is what the turn was asked of.
  const stoodIn = !named && recorded?.endpoint === choice.endpoint && recorded.name === model.defaultModel;
  const standIn = model.isScripted && stoodIn ? model.defaultModel : choice.name;
  const name = choice.name === 'default' ? byDefault : standIn;
  if (model.isScripted && name !== model.defaultModel) throw gone({ ...choice, name });
  return { choice, model, name, isNextUntried: !named && isNextUntried(reached, attempt, wanted) };
}

/** A `fallback` list as it was reached when the turn was recorded: from the endpoint that was asked first, since those before it were not there. */
function asItWasReached(scenario: ScenarioVersion, recorded: Repetition['recorded']): ScenarioVersion {
  const { models, strategy, version } = scenario;
  if (!recorded || strategy !== 'fallback' || recorded.scenarioVersion !== version) return scenario;
  const first = models.findIndex(({ endpoint }) => endpoint === recorded.endpoint);
  return first > 0 ? { ...scenario, models: models.slice(first) } : scenario;
}

const isSameModel = (one: ModelChoice, other: ModelChoice): boolean =>
  one.name === other.name && one.endpoint === other.endpoint;

const gone = ({ name, endpoint }: ModelChoice) =>
  new TurnledgerError('model_unavailable', { detail: `${name} at ${endpoint}` });
