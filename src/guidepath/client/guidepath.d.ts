/// <reference path="globals.d.ts" preserve="true" />
export { connect };
export class GuidePath extends HTMLElement {
    static observedAttributes: string[];
    set texts(texts: ConnectOptions["texts"]);
    /**
     * Words of the client by language, e.g. {de: {close: "Zu"}}.
     *
     * @type {ConnectOptions["texts"]}
     */
    get texts(): ConnectOptions["texts"];
    set targets(targets: ConnectOptions["targets"]);
    /**
     * What a selector of the playbook means where the page knows better.
     *
     * @type {ConnectOptions["targets"]}
     */
    get targets(): ConnectOptions["targets"];
    set token(token: ConnectOptions["token"]);
    /**
     * A bearer token, or a function giving one, for a guidepath of another origin.
     *
     * @type {ConnectOptions["token"]}
     */
    get token(): ConnectOptions["token"];
    /** Something has changed that guidepath should know of: it asks again soon. */
    refresh(): void;
    connectedCallback(): void;
    disconnectedCallback(): void;
    attributeChangedCallback(_name: any, before: any, after: any): void;
    #private;
}
export type Action = import("./types.js").Action;
export type Answer = import("./types.js").Answer;
export type Answers = import("./types.js").Answers;
export type ConnectOptions = import("./types.js").ConnectOptions;
export type Decision = import("./types.js").Decision;
export type Entry = import("./types.js").Entry;
export type Events = import("./types.js").Events;
export type Feedback = import("./types.js").Feedback;
export type Guide = import("./types.js").Guide;
export type Item = import("./types.js").Item;
export type Milestone = import("./types.js").Milestone;
export type Progress = import("./types.js").Progress;
export type Question = import("./types.js").Question;
export type Shown = import("./types.js").Shown;
export type Step = import("./types.js").Step;
export type Words = import("./types.js").Words;
import { connect } from "./connect.js";
