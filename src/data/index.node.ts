/** Datasets from files and from the network, in Node.js: the entry `chainrule/data/node`. */

export { augmentInWorker } from "./augment/worker.node.ts";
export * from "./files.node.ts";
export {
  type ImageFolderOptions,
  readImageFolder,
  readImageParts,
} from "./images/imageFolder.node.ts";
export {
  type FetchProgress,
  fashionMnist,
  hasImageSet,
  type ImageSetOptions,
  loadImageSet,
  mnist,
} from "./images/imageSets.node.ts";
