// For the type checker: the package stands there once the page is built.
declare module "*/nagalm/index.js" {
  export const NagalmError: any;
  export const Registry: any;
  export const Scanner: any;
  export const init: any;
  export const simd: any;
  export const version: string;
}
