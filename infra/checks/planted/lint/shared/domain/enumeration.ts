// caught: lint/style/noEnum
export enum Status {
  Open = 'open',
}
