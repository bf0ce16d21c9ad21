/** The part of passport's and passport-local's types that the tests use: neither package has any. */
declare module "passport" {
  import type { RequestHandler } from "express";

  type Done<Value> = (error: unknown, value?: Value | false, info?: { message: string }) => void;

  export class Passport {
    use(strategy: object): this;
    serializeUser<User, Id>(serialize: (user: User, done: Done<Id>) => void): void;
    deserializeUser<User, Id>(deserialize: (id: Id, done: Done<User>) => void): void;
    session(): RequestHandler;
    authenticate(strategy: string, options?: { failureMessage?: boolean }): RequestHandler;
  }
  const passport: { Passport: typeof Passport };
  export default passport;
}

declare module "passport-local" {
  export class Strategy {
    constructor(
      verify: (
        name: string,
        password: string,
        done: (error: unknown, user?: object | false, info?: { message: string }) => void,
      ) => void,
    );
  }
}

declare namespace Express {
  interface Request {
    user?: object;
    logIn(user: unknown, done: (error: unknown) => void): void;
    logout(done: (error: unknown) => void): void;
  }
}
