/** What is to be known about the image sets that are fetched: their files, checksums, mirrors, classes. */

/** One of the four files of a set. */
export interface ImageSetFile {
  /** Without the ending `.gz`. */
  readonly name: string;
  /** Of the uncompressed file. */
  readonly bytes: number;
  /** SHA-256 of the uncompressed file, in hexadecimal. */
  readonly sha256: string;
  /** Size of the usual compressed file, for progress. */
  readonly compressedBytes: number;
}

/** The parts that a set's files hold. */
export type ImageSetPart = "trainImages" | "trainLabels" | "testImages" | "testLabels";

export interface ImageSet {
  readonly name: ImageSetName;
  readonly title: string;
  /** Folders, inside of the one that the user names, where the files may lie. */
  readonly folders: readonly string[];
  /** Addresses to which a file's name with `.gz` is added. */
  readonly mirrors: readonly string[];
  readonly files: Readonly<Record<ImageSetPart, ImageSetFile>>;
  readonly classNames: readonly string[];
  /** Of the training pixels after division by 255. */
  readonly mean: number;
  /** Population standard deviation of the training pixels after division by 255. */
  readonly deviation: number;
  readonly description: string;
  readonly source: string;
  readonly licence: string;
}

export type ImageSetName = "mnist" | "fashionMnist";

type Facts = readonly [sha256: string, compressedBytes: number];

const imageBytes = (rows: number) => 16 + rows * 784;
const labelBytes = (rows: number) => 8 + rows;

function filesOf(facts: Readonly<Record<ImageSetPart, Facts>>): ImageSet["files"] {
  const file = (name: string, bytes: number, [sha256, compressedBytes]: Facts) => ({
    name,
    bytes,
    sha256,
    compressedBytes,
  });
  return {
    trainImages: file("train-images-idx3-ubyte", imageBytes(60_000), facts.trainImages),
    trainLabels: file("train-labels-idx1-ubyte", labelBytes(60_000), facts.trainLabels),
    testImages: file("t10k-images-idx3-ubyte", imageBytes(10_000), facts.testImages),
    testLabels: file("t10k-labels-idx1-ubyte", labelBytes(10_000), facts.testLabels),
  };
}

/** MNIST and Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 pixels, ten classes. */
export const imageSets: Readonly<Record<ImageSetName, ImageSet>> = {
  mnist: {
    name: "mnist",
    title: "MNIST",
    folders: ["mnist", "MNIST/raw", "."],
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
      "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ],
    files: filesOf({
      trainImages: ["ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 9_912_422],
      trainLabels: ["65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 28_881],
      testImages: ["0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 1_648_877],
      testLabels: ["ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 4_542],
    }),
    classNames: Array.from("0123456789"),
    mean: 0.1307,
    deviation: 0.3081,
    description: "Handwritten digits as 28 x 28 grey pixels: 60,000 to train, 10,000 to test",
    source: "LeCun, Bottou, Bengio, Haffner, Proc. IEEE 86(11), 1998; fetched once",
    licence: "CC BY-SA 3.0 (Y. LeCun and C. Cortes)",
  },
  fashionMnist: {
    name: "fashionMnist",
    title: "Fashion-MNIST",
    folders: ["fashion-mnist", "fashionMnist", "FashionMNIST/raw", "."],
    mirrors: [
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    files: filesOf({
      trainImages: ["c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", 26_421_880],
      trainLabels: ["bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9", 29_515],
      testImages: ["5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", 4_422_102],
      testLabels: ["0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", 5_148],
    }),
    classNames: [
      "T-shirt/top",
      "Trouser",
      "Pullover",
      "Dress",
      "Coat",
      "Sandal",
      "Shirt",
      "Sneaker",
      "Bag",
      "Ankle boot",
    ],
    mean: 0.286,
    deviation: 0.353,
    description: "Clothes as 28 x 28 grey pixels: 60,000 to train, 10,000 to test",
    source: "Xiao, Rasul, Vollgraf, arXiv:1708.07747; fetched once",
    licence: "MIT (Zalando SE)",
  },
};
