// caught: lint/style/noDefaultExport
const answer = 42;
export default answer;
