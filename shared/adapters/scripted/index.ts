export { createScriptedModel, type ScriptedModelOptions } from './scripted-model.ts';
