/**
 * Loaded before a service by `node --import`: sends the process SIGTERM when its standard input closes, which the system sees to however its
 * parent ends, SIGKILL included. The service itself knows nothing of it.
 */
const leave = () => void process.kill(process.pid, 'SIGTERM');
process.stdin.once('end', leave).once('error', leave).resume();
// Its own end must not wait for ours.
process.stdin.unref();
