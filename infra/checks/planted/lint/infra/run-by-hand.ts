// allowed: infra runs, watches and measures
console.log(process.env.PORT, Date.now());
