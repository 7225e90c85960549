// allowed: configuration is read here, once
export const port = process.env.PORT;
