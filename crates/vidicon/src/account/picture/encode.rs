//! Decodes a picture within limits and encodes it in each size.

use super::{Made, Shape};
use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{
    AnimationDecoder, DynamicImage, ExtendedColorType, Frame, ImageDecoder, ImageEncoder,
    ImageFormat, ImageReader, Limits, RgbaImage,
};
use std::io::Cursor;

/// Pixels in one direction, and bytes that decoding may take.
const LONGEST_SIDE: u32 = 10_000;
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// Moving pictures keep moving up to this width, frames and pixels over all frames.
const WIDEST_MOVING: u32 = 600;
const MOST_FRAMES: usize = 60;
const MOST_MOVING_PIXELS: u64 = 30_000_000;
const JPEG_QUALITY: u8 = 85;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub(super) fn all(shape: Shape, file: &[u8]) -> Result<Vec<Made>> {
    let format = image::guess_format(file)?;
    let still = decode(file, format)?;
    let frames = if format == ImageFormat::Gif {
        frames(file)?
    } else {
        Vec::new()
    };
    let mut made = Vec::new();
    for &(width, height) in shape.sizes() {
        let fits = width <= still.width() && height <= still.height();
        if !fits && width > shape.always() {
            continue;
        }
        let (width, height) = shape.fitted((width, height), (still.width(), still.height()));
        let (ending, bytes) = if frames.len() > 1 && width <= WIDEST_MOVING {
            ("gif", moving(&frames, width, height)?)
        } else if still.color().has_alpha() {
            ("png", png(&still, width, height)?)
        } else {
            ("jpg", jpeg(&still, width, height)?)
        };
        let filename = format!("{}.{ending}", base::random::uuid());
        made.push(Made {
            filename,
            width,
            height,
            bytes,
        });
    }
    Ok(made)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

fn decode(file: &[u8], format: ImageFormat) -> Result<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut still = DynamicImage::from_decoder(decoder)?;
    still.apply_orientation(orientation);
    Ok(if still.color().has_alpha() {
        DynamicImage::ImageRgba8(still.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(still.into_rgb8())
    })
}

/// The frames of a moving picture, as many as the limits allow.
fn frames(file: &[u8]) -> Result<Vec<Frame>> {
    let mut decoder = GifDecoder::new(Cursor::new(file))?;
    decoder.set_limits(limits())?;
    let (width, height) = decoder.dimensions();
    let each = u64::from(width) * u64::from(height);
    let most = usize::try_from(MOST_MOVING_PIXELS / each.max(1))
        .unwrap_or(0)
        .min(MOST_FRAMES);
    Ok(decoder
        .into_frames()
        .take(most)
        .collect::<std::result::Result<_, _>>()?)
}

fn resized(source: &DynamicImage, kind: PixelType, width: u32, height: u32) -> Result<Vec<u8>> {
    let mut target = Image::new(width, height, kind);
    let options = ResizeOptions::new().fit_into_destination(Some((0.5, 0.5)));
    Resizer::new().resize(source, &mut target, &options)?;
    Ok(target.into_vec())
}

fn jpeg(source: &DynamicImage, width: u32, height: u32) -> Result<Vec<u8>> {
    let pixels = resized(source, PixelType::U8x3, width, height)?;
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(
        &pixels,
        width,
        height,
        ExtendedColorType::Rgb8,
    )?;
    Ok(bytes)
}

fn png(source: &DynamicImage, width: u32, height: u32) -> Result<Vec<u8>> {
    let pixels = resized(source, PixelType::U8x4, width, height)?;
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&pixels, width, height, ExtendedColorType::Rgba8)?;
    Ok(bytes)
}

fn moving(frames: &[Frame], width: u32, height: u32) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    {
        let mut encoder = GifEncoder::new_with_speed(&mut bytes, 20);
        encoder.set_repeat(Repeat::Infinite)?;
        for frame in frames {
            let source = DynamicImage::ImageRgba8(frame.buffer().clone());
            let pixels = resized(&source, PixelType::U8x4, width, height)?;
            let small = RgbaImage::from_raw(width, height, pixels).ok_or("a frame has no size")?;
            encoder.encode_frame(Frame::from_parts(small, 0, 0, frame.delay()))?;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let image = DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([
                u8::try_from(x % 256).unwrap(),
                u8::try_from(y % 256).unwrap(),
                9,
            ])
        }));
        let mut bytes = Vec::new();
        image
            .write_to(&mut Cursor::new(&mut bytes), format)
            .unwrap();
        bytes
    }

    #[test]
    fn large_pictures_come_in_all_sizes_and_small_ones_in_the_small_sizes() {
        let widths = |file: &[u8]| -> Vec<u32> {
            all(Shape::Avatar, file)
                .unwrap()
                .iter()
                .map(|made| made.width)
                .collect()
        };
        assert_eq!(widths(&sample(700, 650, ImageFormat::Jpeg)), [600, 120, 48]);
        assert_eq!(widths(&sample(30, 90, ImageFormat::Png)), [120, 48]);
        let made = all(Shape::Banner, &sample(640, 480, ImageFormat::Jpeg)).unwrap();
        assert_eq!(made.len(), 1);
        let read = image::load_from_memory(&made[0].bytes).unwrap();
        assert_eq!((read.width(), read.height()), (600, 100));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(all(Shape::Avatar, b"GIF89a nonsense").is_err());
        assert!(all(Shape::Avatar, b"<svg xmlns='http://www.w3.org/2000/svg'/>").is_err());
        let mut cut = sample(300, 300, ImageFormat::Png);
        cut.truncate(200);
        assert!(all(Shape::Avatar, &cut).is_err());
    }

    #[test]
    fn nothing_of_the_file_beside_its_pixels_is_kept() {
        let plain = sample(200, 200, ImageFormat::Jpeg);
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\0 GPS 52.5N 13.4E".to_vec();
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let mut marked = plain[..2].to_vec();
        marked.extend_from_slice(&[0xff, 0xe1]);
        marked.extend_from_slice(&length);
        marked.append(&mut exif);
        marked.extend_from_slice(&plain[2..]);
        for made in all(Shape::Avatar, &marked).unwrap() {
            assert!(!made.bytes.windows(3).any(|window| window == b"GPS"));
        }
    }

    #[test]
    fn a_moving_picture_keeps_moving() {
        let mut file = Vec::new();
        {
            let mut encoder = GifEncoder::new(&mut file);
            for shade in [0, 200] {
                let frame = RgbaImage::from_pixel(150, 150, image::Rgba([shade, 10, 10, 255]));
                encoder.encode_frame(Frame::new(frame)).unwrap();
            }
        }
        let made = all(Shape::Avatar, &file).unwrap();
        assert_eq!(made.len(), 2);
        assert!(made[0].filename.ends_with(".gif"));
        assert_eq!(frames(&made[0].bytes).unwrap().len(), 2);
    }
}
